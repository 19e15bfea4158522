; Installer for Windows, made by Inno Setup 6.3 or newer from dist\cpu\wbc-desktop. WRITTEN AND REVIEWED, NEVER RUN:
; no Windows machine was at hand. Build on Windows:
;   uv run --group packaging python packaging/build.py
;   iscc /DVersion=0.1.0 packaging\windows\wbc-desktop.iss
#ifndef Version
  #error Name the version: iscc /DVersion=... (the one in wbc_desktop/__init__.py)
#endif

; Where the variables of all users stand.
#define OfAll "SYSTEM\CurrentControlSet\Control\Session Manager\Environment"

[Setup]
; Never change the AppId: by it an upgrade finds what it replaces.
AppId={{6B0C2C6E-5D0B-4E1C-9C55-3A1E7E0D54B2}
AppName=WBC Desktop
AppVersion={#Version}
VersionInfoVersion={#Version}
AppPublisher=The WBC Desktop developers
AppComments=For research use only. Not for use in diagnostic procedures.
; For one user without an administrator's password, or for all with it.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
DefaultDirName={autopf}\WBC Desktop
DefaultGroupName=WBC Desktop
DisableProgramGroupPage=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
SetupIconFile=..\..\build\cpu\icons\wbc-desktop.ico
UninstallDisplayIcon={app}\wbc-desktop.exe
OutputDir=..\..\dist\cpu
OutputBaseFilename=wbc-desktop-{#Version}-windows-x64
Compression=lzma2/max
SolidCompression=yes
ChangesAssociations=yes
ChangesEnvironment=yes
WizardStyle=modern
; A training job has no window that could be asked to close; it goes on when the program starts again.
CloseApplications=force
; Signing: see docs/releasing.md. Without it SmartScreen warns.
; SignTool=signtool $f
; SignedUninstaller=yes

[Tasks]
Name: desktopicon; Description: "A symbol on the desktop"; Flags: unchecked
Name: path; Description: "The command wbc in every terminal"; Flags: unchecked

[InstallDelete]
; An upgrade leaves no library of the version before it.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\dist\cpu\wbc-desktop\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\WBC Desktop"; Filename: "{app}\wbc-desktop.exe"
Name: "{autodesktop}\WBC Desktop"; Filename: "{app}\wbc-desktop.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\.wbc"; ValueType: string; ValueData: "WBCDesktop.Workspace"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\WBCDesktop.Workspace"; ValueType: string; ValueData: "WBC Desktop workspace"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\.wbc\OpenWithProgids"; ValueType: string; ValueName: "WBCDesktop.Workspace"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\WBCDesktop.Workspace\DefaultIcon"; ValueType: string; ValueData: "{app}\wbc-desktop.exe,0"
Root: HKA; Subkey: "Software\Classes\WBCDesktop.Workspace\shell\open\command"; ValueType: string; ValueData: """{app}\wbc-desktop.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Directory\shell\WBCDesktop"; ValueType: string; ValueData: "Open in WBC Desktop"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Directory\shell\WBCDesktop"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\wbc-desktop.exe,0"
Root: HKA; Subkey: "Software\Classes\Directory\shell\WBCDesktop\command"; ValueType: string; ValueData: """{app}\wbc-desktop.exe"" ""%1"""
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: not IsAdminInstallMode and NotOnPath
Root: HKLM; Subkey: "{#OfAll}"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: IsAdminInstallMode and NotOnPath

[Run]
Filename: "{app}\wbc-desktop.exe"; Description: "Start WBC Desktop"; Flags: nowait postinstall skipifsilent

; Workspaces, settings and logs are people's and stay when the program is removed.

[Code]
function ReadPath(var Path: string): Boolean;
begin
  if IsAdminInstallMode then
    Result := RegQueryStringValue(HKEY_LOCAL_MACHINE, '{#OfAll}', 'Path', Path)
  else
    Result := RegQueryStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Path);
end;

{ The place of our folder among those of a path, with separators around it; 0 if it is not there. }
function PlaceIn(const Path: string): Integer;
begin
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';');
end;

function NotOnPath: Boolean;
var
  Path: string;
begin
  Result := (not ReadPath(Path)) or (PlaceIn(Path) = 0);
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Path: string;
  Place: Integer;
begin
  if (Step <> usPostUninstall) or not ReadPath(Path) then
    Exit;
  Place := PlaceIn(Path);
  if Place = 0 then
    Exit;
  { Its first letter is at Place; a separator before it, or else behind it, goes along. }
  if Place > 1 then
    Place := Place - 1;
  Delete(Path, Place, Length(ExpandConstant('{app}')) + 1);
  if IsAdminInstallMode then
    RegWriteExpandStringValue(HKEY_LOCAL_MACHINE, '{#OfAll}', 'Path', Path)
  else
    RegWriteExpandStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Path);
end;
